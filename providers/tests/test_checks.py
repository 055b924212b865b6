from providers import checks, registry


def test_the_offline_provider_is_silent_in_local_mode(settings):
    settings.LOCAL_MODE = True
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:8010"
    assert checks.offline_provider_in_local_mode_only(None) == []
    assert "offline" in registry.configured()


def test_its_settings_are_refused_outside_of_local_mode(settings):
    settings.LOCAL_MODE = False
    settings.OFFLINE_BASE_URL = "http://127.0.0.1:8010"
    settings.OFFLINE_API_KEY = "key"
    errors = checks.offline_provider_in_local_mode_only(None)
    assert [error.id for error in errors] == ["providers.E001", "providers.E001"]
    assert registry.configured() == ()


def test_without_an_address_it_is_not_offered(settings):
    del settings.OFFLINE_BASE_URL
    assert "offline" not in registry.configured()
