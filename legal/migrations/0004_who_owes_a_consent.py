from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [("legal", "0003_audit_trail_stays")]
    operations = [install(__file__, "consents")]
