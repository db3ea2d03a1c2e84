"""Names in use that vulture cannot see, each with its reader; vulture fails on all others."""

# Read by the Typst templates.
_.footer
_.score_heads
_.chart_caption
_.chart_alt
_.notes_heading

# Tables and columns that SQL names.
_.practitioner_site
_.care_sequence
_.psychosocial_care
_.agenda_item
_.last_look
_.case_review
_.answer_link
_.incident
_.emergency_access
_.access_log
_.access_chain
_.access_head
_.site_counted
_.exact_month
_.site_month
_.exact_wait
_.site_wait
_.exact_work
_.site_work
_.count_secret
_.site_waited
_.every_month
_.every_wait
_.nurse_counted
_.nurse_tier
_.kept_record
_.removed_at

# Read by dataclasses.fields and asdict.
_.speed
_.meaning

# Read by keyboard.js.
_.FOCUS

# Read by pydantic, click, streamlit-authenticator, logging and the protocol of Streamlit.
_.model_config
Context
_.check_credentials
_.get_cookie
_.attrs
_.cookie_controller
_.authentication_model
_.msg
_.exc_text
_.main_script_path
_.streamlit_version

# Part of the interface for sites, and names that tests compare with documents and colours.
_.review_list
_.FUNCTIONS
_.dark
_.disconnect

# Called by joserfc's claims registry, by the name of the claim.
_.validate_iat
_.validate_auth_time
_.setup_formatter  # streamlit.logger calls it for each new logger.
_.syntaxError  # antlr4 calls it for each error in a FHIRPath expression.
