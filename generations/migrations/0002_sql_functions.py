from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial"), ("core", "0002_job_functions")]
    operations = [install(__file__, "create"), install(__file__, "polls")]
