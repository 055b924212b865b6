from django.db import migrations

from neuralbox.core.sql_migrations import replace


class Migration(migrations.Migration):
    dependencies = [("generations", "0009_presets"), ("accounts", "0005_freezes")]
    operations = [replace(__file__, "create")]
