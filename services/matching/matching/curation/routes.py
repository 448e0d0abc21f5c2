"""Every route of mending but those of signing in, which the desk has."""

from matching.curation import adding, correcting, home, joining, listing, organisations

routers = (
    home.router,
    adding.router,
    joining.router,
    organisations.router,
    listing.router,
    correcting.router,
)
