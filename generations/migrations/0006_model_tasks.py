from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0005_content_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="model",
            name="tasks",
            field=models.JSONField(blank=True, default=list, verbose_name="tasks"),
        ),
    ]
