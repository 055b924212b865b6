from django.db import migrations

from neuralbox.core.sql_migrations import install


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0002_published_versions_stay"),
        ("auditlog", "0017_add_actor_email"),
    ]
    operations = [install(__file__, "audit")]
