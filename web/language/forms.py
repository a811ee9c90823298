"""The form that chooses a language; it is for whoever is signed in, and for whoever is not yet."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from foundation.errors import Invalid
from web.languages import is_language, remember_language
from web.shell import page, safe_path


@require_POST
@page
async def choose(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    if not is_language(language):
        raise Invalid("Choose one of the languages.")
    response = HttpResponseRedirect(safe_path(request.POST.get("next")))
    remember_language(response, language)
    return response
