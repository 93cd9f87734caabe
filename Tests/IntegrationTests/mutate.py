"""Makes packs that `evidence create` would not have written, and holds `evidence verify` to refusing each.

    mutate.py EXECUTABLE PACK FOLDER COUNT [opening]

Half of them are the archive with bytes changed, cut, doubled or put in. The others change one file of the pack
and state its new digest in the manifest, so that nothing but what the files say can give them away. A change is
made only where it is none to what `create` writes: the pack says something else, or says the same otherwise.

With `opening` only numbers of opening.json are changed, which is taken as stated: such a pack may be accepted.
"""

import copy
import hashlib
import json
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

EXTREMES = [
    -1, 0, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53, 2**63 - 1, -(2**63), 2**63, 10**40, 1.5, None, True, "", "x",
    "\x1b[31m", "\u202e", [], {}, [[]], "b64:!!", 1e308,
]

# A configuration may set any district name and other limits, but none of these values.
IMPOSSIBLE = [-1, 2**63 - 1, -(2**63), 2**63, 10**40, 1.5, None, True, [], {}, "\x1b[31m", "\u202e"]


def archive(files):
    """The files as `create` lays them out."""
    body, directory = b"", b""
    for name in sorted(files, key=lambda n: n.encode()):
        data, raw = files[name], name.encode()
        shared = struct.pack("<HHHHHIIIHH", 10, 0x800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(raw), 0)
        directory += struct.pack("<IH", 0x02014B50, 0x314) + shared
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body)) + raw
        body += struct.pack("<I", 0x04034B50) + shared + raw + data
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + end


def written(value):
    """JSON as Foundation's encoder writes it: sorted, indented by two, " : "."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, separators=(",", " : "))
    return text.replace("[]", "[\n\n]").encode()


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield from places(child, path + (key,))


def changed(value, path, new):
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value


def of_bytes(rng, whole):
    data = bytearray(whole)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        kind = rng.randrange(6)
        at = rng.randrange(len(data))
        if kind <= 2:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 3:
            del data[at:at + rng.randrange(1, 200)]
        elif kind == 4:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 40)))
        else:
            data[at:at + 8] = struct.pack("<Q", rng.choice([0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1]))
    return bytes(data)


def of_json(rng, files):
    name = rng.choice([n for n in files if n.endswith(".json") and n != "report.json"])
    value = json.loads(files[name])
    kind = rng.randrange(4)
    if kind == 0:
        # The same content, written differently.
        text = files[name]
        at = rng.choice([i for i, b in enumerate(text) if b in b"{[,:\n"])
        return name, text[:at + 1] + rng.choice([b" ", b"\n", b"\t"]) + text[at + 1:]
    found = [p for p in places(value) if p]
    if kind == 1 or not found:
        return name, files[name][:rng.randrange(len(files[name]))]
    path = rng.choice(found)
    if kind == 2:
        return name, written(changed(value, path, rng.choice(IMPOSSIBLE if name == "settings.json" else EXTREMES)))
    # Bytes that are not text.
    text = bytearray(files[name])
    text[rng.randrange(len(text))] = rng.choice([0x00, 0x1B, 0x80, 0xC0, 0xFF])
    return name, bytes(text)


def of_records(rng, files):
    name = rng.choice([n for n in files if n.endswith(".records")])
    data = files[name]
    kind = rng.randrange(4)
    if kind == 0:
        return name, of_bytes(rng, data)
    if kind == 1:
        return name, data + data
    if kind == 2:
        # A false size.
        size = rng.choice([0, 1 << 30, 1 << 31, 1 << 62, (1 << 64) - 1])
        packed = b""
        while size > 0x7F:
            packed, size = packed + bytes([size & 0x7F | 0x80]), size >> 7
        packed += bytes([size])
        # Behind the heading: number of parts, length of the id, the id, and the size.
        at = data.index(b"\n") + 1
        at += 2 + data[at + 1]
        return name, data[:at] + packed + data[at + 2:]
    return name, files[rng.choice([n for n in files if n.endswith(".records") and files[n] != data])]


def of_opening(rng, files):
    value = json.loads(files["opening.json"])
    path = rng.choice([p for p in places(value) if p and isinstance(at_path(value, p), int)])
    value = changed(value, path, rng.choice([-1, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, -(2**63), 2**62, -(2**62)]))
    changed_files = dict(files)
    changed_files["opening.json"] = written(value)
    manifest = json.loads(files["manifest.json"])
    manifest["files"]["opening.json"] = hashlib.sha256(changed_files["opening.json"]).hexdigest()
    changed_files["manifest.json"] = written(manifest)
    return "opening.json", archive(changed_files)


def at_path(value, path):
    for key in path:
        value = value[key]
    return value


def mutation(rng, whole, files):
    if rng.randrange(2) == 0:
        return "bytes of the archive", of_bytes(rng, whole)
    kind = rng.randrange(4)
    changed_files = dict(files)
    if kind <= 1:
        name, data = of_json(rng, files)
    elif kind == 2:
        name, data = of_records(rng, files)
    else:
        name, data = rng.choice([
            ("README.txt", files["README.txt"] + b"\n"), ("more.json", b"{}"), ("../up", b""), ("a\x1b[2J", b""),
            ("policies/\u202e.yaml", b"x"), ("report.json", files["report.json"].replace(b":1", b":2", 1)),
            ("report.json", files["report.json"] + b" "), ("report.json", b"\xff\xfe"),
            ("policies/more.yaml", b"name: [" * 2000), ("opening.json", b"[" * 5000),
        ])
    changed_files[name] = data
    if name != "manifest.json":
        manifest = json.loads(files["manifest.json"])
        manifest["files"][name] = hashlib.sha256(data).hexdigest()
        changed_files["manifest.json"] = written(manifest)
    return name, archive(changed_files)


def spent():
    """Seconds of a processor that programs have taken, whatever else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(executable, pack, folder, count, only=None):
    whole = open(pack, "rb").read()
    with zipfile.ZipFile(pack) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    if archive(files) != whole:
        sys.exit("the archive is not laid out as this script lays it out")
    for name in ("manifest.json", "settings.json", "roots.json"):
        if written(json.loads(files[name])) != files[name]:
            sys.exit(f"{name} is not written as this script writes it")
    rng = random.Random(37)
    slowest, bad, tried = 0.0, [], 0
    temporary = tempfile.mkdtemp(dir=folder)
    while tried < count:
        what, data = of_opening(rng, files) if only else mutation(rng, whole, files)
        if data == whole:
            continue
        tried += 1
        path = os.path.join(folder, "mutated.zip")
        with open(path, "wb") as out:
            out.write(data)
        began = spent()
        result = subprocess.run(
            [executable, "evidence", "verify", path], capture_output=True, env={"TMPDIR": temporary}, timeout=60)
        took = spent() - began
        slowest = max(slowest, took)
        printed = result.stdout + result.stderr
        problem = None
        if result.returncode < 0:
            problem = f"ended by signal {-result.returncode}"
        elif result.returncode == 0 and not only:
            problem = "was accepted"
        elif result.returncode not in (0, 1, 65, 66, 69):
            problem = f"exit code {result.returncode}"
        elif took > 2:
            problem = f"took {took:.1f} s"
        elif any(byte < 0x20 and byte != 0x0A for byte in printed):
            problem = f"printed control characters: {printed!r}"
        elif os.listdir(temporary):
            problem = f"left {os.listdir(temporary)}"
        if problem:
            kept = os.path.join(folder, f"bad-{tried}.zip")
            os.rename(path, kept)
            bad.append(f"{tried}: {what}: {problem}: {printed.decode(errors='replace').strip()[:200]}")
    print(f"{tried} mutated packs, {len(bad)} of them bad, the slowest {slowest * 1000:.0f} ms")
    for line in bad[:20]:
        print(line)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), *sys.argv[5:])
