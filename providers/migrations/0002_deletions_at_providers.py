import django.db.models.functions.datetime
from django.db import migrations, models

import neuralbox.core.ids


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_health")]

    operations = [
        migrations.CreateModel(
            name="Deletion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=neuralbox.core.ids.new, editable=False, primary_key=True, serialize=False),
                ),
                ("provider", models.CharField(max_length=20, verbose_name="provider")),
                ("external_id", models.CharField(blank=True, max_length=200, verbose_name="the provider's id")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "is being asked"),
                            ("done", "erased there"),
                            ("not_offered", "no call for it"),
                            ("gave_up", "given up"),
                        ],
                        default="asked",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("detail", models.CharField(blank=True, max_length=300, verbose_name="what it said")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="asked"
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
            ],
            options={
                "verbose_name": "deletion at a provider",
                "verbose_name_plural": "deletions at providers",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        models.F("provider"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="providers_deletions_of_one",
                    )
                ],
            },
        )
    ]
