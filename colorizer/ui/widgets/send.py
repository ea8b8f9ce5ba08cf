"""How our own components tell the server of events."""

# An event that comes while one like it is worked on waits (``trigger_mode="always_last"``); but
# what Gradio then sends beside the newest inputs is the *earlier* event's data.  All events of one
# name therefore carry one object, which holds the newest data by then.
SEND = """
const sent = {};
const send = (name, data) => trigger(name, Object.assign(sent[name] ??= {}, data));
"""


def with_send(code: str) -> str:
    """A component's ``js_on_load`` that can call ``send(name, data)`` instead of ``trigger``."""
    return SEND + code
