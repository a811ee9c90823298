"""Small files of each kind that tests upload: made here, but for a clip that a browser has recorded."""

import io
import math
import struct
import wave
from pathlib import Path

from PIL import Image

# Four seconds of VP8 without a duration, as MediaRecorder writes them.
CLIP = Path(__file__).parent / "clip.webm"


def picture(width: int = 64, height: int = 48, image_format: str = "PNG", **options: object) -> bytes:
    """Return an image whose upper left quarter is red, the rest blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height // 2))
    content = io.BytesIO()
    image.save(content, image_format, **options)
    return content.getvalue()


def tone(seconds: float = 3.0, rate: int = 8000) -> bytes:
    """Return a WAV of a tone."""
    samples = (int(9000 * math.sin(n * 0.3)) for n in range(int(seconds * rate)))
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return content.getvalue()


def pdf(script: str = "") -> bytes:
    """Return a PDF of one page; with `script`, one that runs when it is opened."""
    action = f"/OpenAction << /S /JavaScript /JS ({script}) >>" if script else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {action} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = len(content)
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode()
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"
    return content + trailer.encode()
