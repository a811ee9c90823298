"""What an outsider attempts with the files of a group."""

from base64 import b64encode

from foundation.cursors import encode_cursor

from .outsider_attempts import Request

_TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": "5",
    "Upload-Offset": "0",
    "Content-Type": "application/offset+octet-stream",
}


def _metadata(group_id: str) -> str:
    return f"groupId {b64encode(group_id.encode()).decode()}"


FILE_REQUESTS: dict[str, Request] = {
    "list files": lambda t: ("GET", f"/api/files?groupId={t.group}", {}),
    "list files after one": lambda t: ("GET", f"/api/files?groupId={t.group}&before={t.file}", {}),
    "list files after a cursor": lambda t: (
        "GET",
        f"/api/files?groupId={t.group}&cursor={encode_cursor('2026-01-01T00:00:00.000Z', t.file)}",
        {},
    ),
    "download": lambda t: ("GET", f"/api/files/{t.file}", {}),
    "download a part": lambda t: ("GET", f"/api/files/{t.file}", {"headers": {"Range": "bytes=0-1"}}),
    "ask for a file's headers": lambda t: ("HEAD", f"/api/files/{t.file}", {}),
    "see a thumbnail": lambda t: ("GET", f"/api/files/{t.file}/thumbnails/160", {}),
    "list files of a kind": lambda t: ("GET", f"/api/files?groupId={t.group}&type=document", {}),
    "begin an upload": lambda t: ("POST", "/api/uploads", {"headers": {**_TUS, "Upload-Metadata": _metadata(t.group)}}),
    "ask for an upload": lambda t: ("HEAD", f"/api/uploads/{t.upload}", {"headers": _TUS}),
    "go on with an upload": lambda t: ("PATCH", f"/api/uploads/{t.upload}", {"headers": _TUS, "content": b"x"}),
    "end an upload": lambda t: ("DELETE", f"/api/uploads/{t.upload}", {"headers": _TUS}),
    "go on with a whole upload": lambda t: ("PATCH", f"/api/uploads/{t.file}", {"headers": _TUS, "content": b"x"}),
    "end a whole upload": lambda t: ("DELETE", f"/api/uploads/{t.file}", {"headers": _TUS}),
    "see a file's metadata": lambda t: ("GET", f"/api/files/metadata/{t.file}", {}),
    "take a file back": lambda t: ("DELETE", f"/api/files/{t.file}", {}),
    "upload": lambda t: ("POST", "/api/upload", {"data": {"groupId": t.group}, "files": {"file": ("a", b"a")}}),
}
