"""The address of a button, opened as a page: words and a way back instead of an empty answer."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

ASKED = {
    "title": "这个地址不能直接打开",
    "text": "它只用来提交表单，例如从浏览历史里点开、或在地址栏按了回车。没有提交任何内容。",
    "remedy": "请回到原来的页面重新填写、提交。",
    "label": "回到首页",
}


class WrongMethod:
    """Middleware: 405 to a reader stays 405, and says what happened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "shell/error.html", ASKED, status=405)
        page["Allow"] = response["Allow"]
        return page
