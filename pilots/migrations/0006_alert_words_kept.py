from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pilots", "0005_open_episodes"),
    ]

    operations = [
        migrations.AddField(
            model_name="alertevent",
            name="stood",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What the alert was after it: status, severity, owner, sentence.",
            ),
        ),
    ]
