from django.apps import AppConfig

from registry import trigger_index

trigger_index.install()


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Registre"
