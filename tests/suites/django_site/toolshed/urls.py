from django.shortcuts import redirect, render
from django.urls import path

from .models import Tool


def tools(request):
    if request.method == "POST":
        Tool.objects.create(name=request.POST["name"])
        return redirect("tools")
    return render(request, "tools.html", {"tools": Tool.objects.order_by("name")})


urlpatterns = [path("", tools, name="tools")]
