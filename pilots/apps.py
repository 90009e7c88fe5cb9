from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "pilots"
    verbose_name = "Staged pilots"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pilots import checks  # noqa: F401  (registers the system checks)
