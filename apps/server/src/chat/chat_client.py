"""A Socket.IO client that does what lines of JSON on standard input say, and prints what comes back, a line each.

Commands: {"connect": token}, {"emit": event, "payload": object}, {"disconnect": true}.
"""

import json
import sys

import socketio

NAMESPACE = "/chat"
client = socketio.Client(reconnection=False)


def tell(**line):
    print(json.dumps(line), flush=True)


@client.on("*", namespace=NAMESPACE)
def hear(event, payload):
    tell(heard=event, payload=payload)


for line in sys.stdin:
    command = json.loads(line)
    if "connect" in command:
        client.connect(sys.argv[1], auth={"token": command["connect"]}, namespaces=[NAMESPACE])
        tell(answer="connected")
    elif "emit" in command:
        tell(answer=client.call(command["emit"], command["payload"], namespace=NAMESPACE))
    else:
        client.disconnect()
        tell(answer="disconnected")
