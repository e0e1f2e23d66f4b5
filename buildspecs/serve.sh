# Serves the site of this checkout on loopback, for as long as the build's shell lives, and sets WebURL. To be sourced.
uitest serve --site "${SITE_FOLDER:?}" >serve.log 2>&1 &
trap "kill $!" EXIT
for _ in $(seq 100); do
    WebURL=$(sed -n 's/.* at \(http[^ ]*\).*/\1/p' serve.log)
    if [ -n "$WebURL" ]; then break; fi
    sleep 0.2
done
export WebURL="${WebURL:?the site is not served: $(cat serve.log)}"
