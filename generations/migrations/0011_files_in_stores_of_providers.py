from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generations", "0010_frozen_accounts_order_nothing")]

    operations = [
        migrations.AddField(
            model_name="providertask",
            name="uploads",
            field=models.JSONField(blank=True, default=list, verbose_name="files in the provider's store"),
        )
    ]
