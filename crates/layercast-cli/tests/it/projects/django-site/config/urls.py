from django.contrib import admin
from django.urls import path

from notes.views import Notes

urlpatterns = [path("admin/", admin.site.urls), path("notes/", Notes.as_view())]
