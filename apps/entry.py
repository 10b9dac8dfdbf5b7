"""What runs for every view of every screen: sign the user in, then show the screen they ask for."""

import streamlit as st

from apps.menu import screens_of, waiting_screens
from apps.shared import filters, session, sign_in_page
from apps.shared.page import set_up_page

set_up_page()

user = session.current_user()
if user is None:
    st.navigation(waiting_screens(sign_in_page.show), position="hidden").run()
    st.stop()

session.keep_in_browser()
page = st.navigation(screens_of(user), position="top")
filters.come_to(page.url_path)
page.run()
