"""Signing secrets of webhook endpoints can be changed, with a day of overlap."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("generations", "0007_open_tasks_of_a_provider")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="webhookendpoint",
            name="secret_rotated_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="secret changed"),
        ),
    ]
