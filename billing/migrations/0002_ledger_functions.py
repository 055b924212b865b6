from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [install(__file__, "ledger")]
