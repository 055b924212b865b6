from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_receipts_of_returns")]

    operations = [
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['sale', 'closing']), ('refund', None)), models.Q(('kind', 'return'), ('refund__isnull', False)), _connector='OR'), name='billing_receipt_of_its_kind'),
        ),
    ]
