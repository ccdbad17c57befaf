"""Pages for people, served beside the API: static files that hold nothing of anybody and ask the API like others."""
