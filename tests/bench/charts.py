"""Line charts as SVG. They have their own background, so that they are readable on light and dark pages."""

import html
import math

INK, FAINT, GRID, PAPER = "#1f2328", "#59636e", "#d8dee4", "#ffffff"
COLORS = ("#0969da", "#bc4c00")
FONT = "font-family='DejaVu Sans, Helvetica, Arial, sans-serif'"


def _text(x, y, text, size=12, color=INK, anchor="middle", extra=""):
    return (f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{color}' text-anchor='{anchor}' {extra}>"
            f"{html.escape(text)}</text>")


def _short(number):
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def _steps(highest):
    """About five round values, from 0 to at least `highest`."""
    raw = highest / 5
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude >= raw)
    return [step * i for i in range(math.ceil(highest / step) + 1)]


def _panel(left, top, width, height, series, x_title, y_values):
    """`series`: lists of (x, y). The x axis is logarithmic and has a label at each point."""
    xs = sorted({x for points in series for x, _ in points})
    low, high = math.log(xs[0]), math.log(xs[-1])

    def place(x, y):
        return (left + width * (math.log(x) - low) / max(high - low, 1e-9), top + height * (1 - y / y_values[-1]))

    parts = []
    for y in y_values:
        _, row = place(xs[0], y)
        parts.append(f"<line x1='{left}' y1='{row:.1f}' x2='{left + width}' y2='{row:.1f}' stroke='{GRID}'/>")
    for x in xs:
        column, _ = place(x, 0)
        parts.append(_text(column, top + height + 18, _short(x), 11, FAINT))
    parts.append(_text(left + width / 2, top + height + 40, x_title))
    for points, color in zip(series, COLORS):
        line = " ".join(f"{place(x, y)[0]:.1f},{place(x, y)[1]:.1f}" for x, y in points)
        parts.append(f"<polyline points='{line}' fill='none' stroke='{color}' stroke-width='2.5'/>")
        for x, y in points:
            column, row = place(x, y)
            parts.append(f"<circle cx='{column:.1f}' cy='{row:.1f}' r='3.5' fill='{color}'/>")
    return parts


def _draw(width, height, title, top, plot_height, y_values, y_title, parts):
    axis = [_text(62, top + plot_height * (1 - y / y_values[-1]) + 4, _short(y), 11, FAINT, "end") for y in y_values]
    middle = top + plot_height / 2
    axis.append(_text(20, middle, y_title, extra=f"transform='rotate(-90 20 {middle:.1f})'"))
    head = (f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
            f"role='img' {FONT}><title>{html.escape(title)}</title>"
            f"<rect width='{width}' height='{height}' rx='6' fill='{PAPER}' stroke='{GRID}'/>")
    heading = _text(width / 2, 30, title, 15, extra="font-weight='bold'")
    return "\n".join([head, heading, *axis, *parts, "</svg>"]) + "\n"


def throughput(curve):
    series = [[(point["concurrency"], point[kind]) for point in curve] for kind in ("empty", "checks")]
    y_values = _steps(max(y for points in series for _, y in points))
    parts = _panel(72, 80, 590, 270, series, "calls in flight, over up to 4 connections", y_values)
    for i, name in enumerate(("an empty RPC", "CheckPermission, warm tokens")):
        x = 80 + 150 * i
        parts.append(f"<rect x='{x}' y='50' width='14' height='4' fill='{COLORS[i]}'/>")
        parts.append(_text(x + 20, 56, name, anchor="start"))
    return _draw(700, 410, "Throughput against concurrency", 80, 270, y_values, "calls a second", parts)


def growth(curves):
    """`curves`: pairs of the x axis' title and its points."""
    y_values = _steps(max(y for _, points in curves for _, y in points))
    width, gap = 250, 40
    parts = []
    for i, (x_title, points) in enumerate(curves):
        parts += _panel(80 + i * (width + gap), 55, width, 270, [points], x_title, y_values)
    total = 80 + len(curves) * (width + gap)
    return _draw(total, 385, "CheckPermission: throughput against size", 55, 270, y_values, "calls a second", parts)
