from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_calls_of_api_keys")]

    operations = [
        migrations.AddField(
            model_name="staffview",
            name="digest",
            field=models.BinaryField(default=b"", editable=False, max_length=32, unique=True),
            preserve_default=False,
        ),
    ]
