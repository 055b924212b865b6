from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0006_model_tasks"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="providertask",
            index=models.Index(
                "provider",
                condition=models.Q(status__in=["submitting", "submitted", "running", "unknown"]),
                name="generations_at_provider",
            ),
        ),
    ]
