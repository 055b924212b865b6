from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("legal", "0001_initial")]
    operations = [install(__file__, "documents")]
