"""What a newcomer writes against the API: two users make a channel, chat in it, and leave. Prints what they got, as JSON."""

import json
import queue
import sys
import urllib.request

import socketio

URL = sys.argv[1]
NAMESPACE = "/chat"


def call(method, path, body=None, token=None):
    request = urllib.request.Request(f"{URL}/api/v1{path}", method=method)
    if token:
        request.add_header("authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class User:
    def __init__(self, name):
        self.token = call("POST", "/auth/dev-token", {"user": name, "roles": ["member"]})["token"]
        self.heard = queue.Queue()
        self.client = socketio.Client(reconnection=False)
        self.client.on("*", lambda event, payload: self.heard.put((event, payload)), namespace=NAMESPACE)
        self.client.connect(URL, auth={"token": self.token}, namespaces=[NAMESPACE])

    def call(self, method, path, body=None):
        return call(method, path, body, self.token)

    def ask(self, event, **payload):
        return self.client.call(event, payload, namespace=NAMESPACE)

    def hear(self, name):
        while True:
            event, payload = self.heard.get(timeout=60)
            if event == name:
                return payload


maya, noor = User("maya"), User("noor")
channel = maya.call("POST", "/channels", {"title": "Tunnel"})["channel_id"]
joined = [maya.ask("channel:join", channel=channel)["ok"], noor.ask("channel:join", channel=channel)["ok"]]
maya.call("PUT", f"/channels/{channel}/members/noor", {"role": "member"})
invited = noor.hear("member:added")
joined.append(noor.ask("channel:join", channel=channel)["ok"])
sent = noor.ask("message:send", channel=channel, client_message_id="1", body="Is the drill here? 🚧")
received = maya.hear("message:created")
unread = maya.call("GET", "/channels")["items"][0]
noor.call("DELETE", f"/channels/{channel}/members/noor")
left = maya.hear("member:removed")
noor.hear("channel:removed")
refused = noor.ask("message:send", channel=channel, client_message_id="2", body="too late")
archived = maya.call("DELETE", f"/channels/{channel}/members/maya")
for user in (maya, noor):
    user.client.disconnect()
print(
    json.dumps(
        {
            "joined": joined,
            "invited": invited["channel"] == channel and invited["user_id"],
            "seq": sent["seq"],
            "received": received["body"],
            "unread": [unread["title"], unread["unread_count"], unread["last_message"]["body"]],
            "left": left["user_id"],
            "refused": refused["error"]["code"],
            "archived": archived,
        }
    )
)
