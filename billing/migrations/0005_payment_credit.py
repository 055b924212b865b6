from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_unused_holds"), ("core", "0003_job_names")]
    operations = [install(__file__, "payments")]
