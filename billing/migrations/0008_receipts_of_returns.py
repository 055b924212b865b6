from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_returns(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("billing", "Receipt").objects.exclude(refund=None).update(kind="return")


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_closing_receipts")]
    operations = [migrations.RunPython(name_returns, migrations.RunPython.noop)]
