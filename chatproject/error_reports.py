"""Django's error reports, such as the page with DEBUG, without the engines' passwords."""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from foundation.cleansing import cleanse


class CleansedReporter(ExceptionReporter):
    """Cleanses the whole report: an address may be in a setting, a local variable or the exception's own text."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(cleanse(super().get_traceback_html()))  # nosec B703

    def get_traceback_text(self) -> SafeString:
        return SafeString(cleanse(super().get_traceback_text()))  # nosec B703
