from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PilotsConfig(AppConfig):
    name = "pilots"
    verbose_name = "Staged pilots"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pilots import checks  # noqa: F401  (registers the system checks)
        from pilots.services.shipping import ship

        # Permissions are made after each app's migration; by auth's turn ours are there.
        post_migrate.connect(ship, sender=apps.get_app_config("auth"))
