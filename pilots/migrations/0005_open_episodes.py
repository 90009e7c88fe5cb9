from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pilots", "0004_alert_waits"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="pulse",
            options={
                "verbose_name": "round of the engine",
                "verbose_name_plural": "rounds of the engine",
            },
        ),
        migrations.AddIndex(
            model_name="conditionstate",
            index=models.Index(
                condition=models.Q(("episode__in", ("firing", "recovering"))),
                fields=["condition"],
                name="conditionstate_open",
            ),
        ),
    ]
