//! What `web` answers.

use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

/// Every page of the service, answered by the instance of this name.
pub fn router(instance: String) -> Router {
    let about = About { service: "example-app", version: env!("CARGO_PKG_VERSION"), instance };
    let page = Html(home(&about));
    Router::new()
        .route("/", get(|| async { page }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/api/about", get(|| async { Json(about) }))
}

/// Who answers.
#[derive(Clone, Debug, Serialize)]
struct About {
    service: &'static str,
    version: &'static str,
    instance: String,
}

/// The home page. Nothing in it comes from a visitor, so there is nothing to escape.
fn home(about: &About) -> String {
    let About { service, version, instance } = about;
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{service}</title>
<style>body {{ font: 1.1rem/1.6 system-ui; max-width: 36rem; margin: 15vh auto; padding: 0 1rem }}</style>
<h1>{service} {version}</h1>
<p>Answered by <code>{instance}</code>.
Change this text in <code>src/pages.rs</code>, save, and load the page again.</p>
<p><a href="/api/about">As JSON</a>, <a href="/healthz">health</a></p>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    use super::router;

    async fn check(path: &str, status: StatusCode, part: &str) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router("web.7".to_owned()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        let body = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(part), "{path}: {body}");
    }

    #[tokio::test]
    async fn the_home_page_says_who_answers() {
        check("/", StatusCode::OK, "Answered by <code>web.7</code>").await;
    }

    #[tokio::test]
    async fn health_is_a_word() {
        check("/healthz", StatusCode::OK, "ok").await;
    }

    #[tokio::test]
    async fn the_same_is_told_to_programs() {
        check("/api/about", StatusCode::OK, r#""instance":"web.7""#).await;
    }

    #[tokio::test]
    async fn anything_else_is_not_found() {
        check("/admin", StatusCode::NOT_FOUND, "").await;
    }
}
