from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_payments")]
    operations = [install(__file__, "unused_holds")]
