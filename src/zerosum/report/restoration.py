"""What RUN/charts/restoration.png shows: held-out pictures damaged, restored, and as they were."""

from PIL import Image

from zerosum.records.run import RunFolder


def caption(run: RunFolder) -> str:
    """What the picture shows, from its own text fields; "" where it has none, or is damaged."""
    try:
        with Image.open(run.restoration_file) as image:
            text = getattr(image, "text", {})
    except (OSError, SyntaxError, ValueError):
        return ""
    if not {"rows", "columns"} <= set(text):
        return ""
    return f"rows from the top: {text['rows']}; {text['columns']}, which nobody chose"
