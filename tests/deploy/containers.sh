# shellcheck shell=bash
# What Compose and Kubernetes are played with: a room, an engine in it, and the image of the app.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=app.sh
. "$(dirname "$0")/app.sh"
# shellcheck source=containers/room.sh
. "$(dirname "$0")/containers/room.sh"
# shellcheck source=containers/newest.sh
. "$(dirname "$0")/containers/newest.sh"
# shellcheck source=containers/engine.sh
. "$(dirname "$0")/containers/engine.sh"
# shellcheck source=containers/bases.sh
. "$(dirname "$0")/containers/bases.sh"
# shellcheck source=containers/shop.sh
. "$(dirname "$0")/containers/shop.sh"
# shellcheck source=containers/asking.sh
. "$(dirname "$0")/containers/asking.sh"

# Ends with the image of the app built, in an engine that runs.
prepare() {
    needs_packages curl=curl perl=perl-base
    open_room
    start_engine
    get_bases
    install_tool
    lay_out_app
    build_image
}
