"""Documents, consents, retention, exports, deletion and the registers of what was disclosed.

Knows people by `settings.AUTH_USER_MODEL` and what is held about them by `neuralbox.core.personal_data`; knows no app
above it. News goes up by the signals of `legal.signals`.
"""
