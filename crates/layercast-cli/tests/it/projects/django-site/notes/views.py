from rest_framework import generics, serializers

from .models import Note


class NoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "text", "written"]


class Notes(generics.ListCreateAPIView):
    queryset = Note.objects.order_by("-written")
    serializer_class = NoteSerializer
