"""The server of the screens: ``streamlit run apps/main.py``.

It serves the script ``entry.py`` and adds two things that a script cannot do: keep a session in a
cookie which no script of the browser can read, and meet every error of a screen in one place.
"""

from pathlib import Path

import streamlit as st

from apps.shared.errors import show_error
from apps.shared.session_cookie import ROUTES

app = st.App(Path(__file__).with_name("entry.py"), routes=ROUTES, on_script_error=show_error)
