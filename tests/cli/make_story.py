# SPDX-License-Identifier: Apache-2.0
"""Make the two attachments of the demonstration anew: a report (PDF) and a photograph (JPEG).

Run by hand when the story changes; what it makes is kept, so that the demonstration needs neither
typst nor Pillow. The photograph is drawn, with the noise, blur and metadata of a telephone's.
"""

import random
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFilter

STORY = Path(__file__).parents[2] / "src" / "comity" / "cli" / "story"
SIZE = (1280, 960)


def photograph() -> None:
    chance = random.Random(1123)
    picture = Image.new("RGB", SIZE, (58, 74, 82))
    draw = ImageDraw.Draw(picture)
    for x in range(0, SIZE[0], 64):  # the corrugated door of a container
        shade = 70 + 18 * (x // 64 % 2)
        draw.rectangle((x, 0, x + 40, SIZE[1]), fill=(shade - 14, shade + 6, shade + 14))
    draw.rectangle((600, 0, 676, SIZE[1]), fill=(96, 104, 108))
    draw.ellipse((520, 380, 760, 620), fill=(172, 150, 96), outline=(84, 70, 40), width=10)
    draw.rectangle((590, 150, 690, 420), fill=(190, 190, 186), outline=(90, 90, 88), width=6)
    draw.rectangle((430, 560, 860, 660), fill=(226, 214, 170), outline=(120, 108, 70), width=5)
    draw.text((470, 585), "SEAL KE 0044871", fill=(40, 36, 30), font_size=44)
    picture = picture.rotate(-2.5, resample=Image.Resampling.BICUBIC, fillcolor=(40, 48, 52))
    grain = Image.effect_noise(SIZE, 34).convert("RGB")
    picture = Image.blend(picture, grain, 0.13).filter(ImageFilter.GaussianBlur(1.1))
    for _ in range(240):
        at = (chance.randrange(SIZE[0]), chance.randrange(SIZE[1]))
        picture.putpixel(at, (240, 238, 230))
    about = Image.Exif()
    about[0x010F] = "Invented"  # Make
    about[0x0132] = "2026:11:23 06:31:04"  # DateTime
    picture.save(STORY / "seal.jpg", quality=72, exif=about)


def report() -> None:
    typst.compile(str(STORY / "seizure.typ"), output=str(STORY / "seizure.pdf"))


if __name__ == "__main__":
    photograph()
    report()
