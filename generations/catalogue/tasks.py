"""What models are for: the tasks that people look for, in the order in which they are shown."""

from typing import Literal, get_args

from django.utils.translation import gettext_lazy as _

Task = Literal[
    "text_to_image",
    "image_edit",
    "upscale",
    "background_removal",
    "text_to_video",
    "image_to_video",
    "first_last_frame",
    "reference_to_video",
    "video_edit",
    "motion_transfer",
    "video_upscale",
    "video_sound",
    "lip_sync",
    "talking_photo",
    "avatar_presenter",
    "video_translation",
    "speech",
    "dialogue",
    "voice_cleanup",
    "music",
    "music_tools",
    "lyrics",
    "writing",
]
TASKS: tuple[str, ...] = get_args(Task)
NAMES = {
    "text_to_image": _("Picture from words"),
    "image_edit": _("Picture editing"),
    "upscale": _("Larger picture"),
    "background_removal": _("Background removal"),
    "text_to_video": _("Video from words"),
    "image_to_video": _("Video from a picture"),
    "first_last_frame": _("First and last frame"),
    "reference_to_video": _("Video from references"),
    "video_edit": _("Video editing"),
    "motion_transfer": _("Motion transfer"),
    "video_upscale": _("Sharper video"),
    "video_sound": _("Sound for a video"),
    "lip_sync": _("Lip sync"),
    "talking_photo": _("Talking photo"),
    "avatar_presenter": _("Avatar presenter"),
    "video_translation": _("Video translation"),
    "speech": _("Speech from text"),
    "dialogue": _("Dialogue of voices"),
    "voice_cleanup": _("Voice clean-up"),
    "music": _("Songs and music"),
    "music_tools": _("Music tools"),
    "lyrics": _("Lyrics"),
    "writing": _("Texts"),
}
