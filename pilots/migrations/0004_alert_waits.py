from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pilots", "0003_merged_messages"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="alert", name="alert_due"),
        migrations.AddField(
            model_name="alert",
            name="waiting_since",
            field=models.DateTimeField(blank=True, help_text="Since when nobody has answered.", null=True),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="alert_due"
            ),
        ),
    ]
