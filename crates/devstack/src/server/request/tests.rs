use hyper::Request;

use super::*;

fn parse_post(url: &str, body: &str) -> Result<Option<Asked>, Refusal> {
    let (head, ()) = Request::post(url).body(()).unwrap().into_parts();
    parse(&head, Bytes::copy_from_slice(body.as_bytes()))
}

fn asked(url: &str, body: &str) -> Asked {
    parse_post(url, body).unwrap().unwrap()
}

fn statement(text: &str) -> Work {
    Work::Statement(Bytes::copy_from_slice(text.as_bytes()))
}

#[track_caller]
fn check_work(url: &str, body: &str, expected: Option<Work>) {
    assert_eq!(parse_post(url, body).unwrap().map(|it| it.work), expected);
}

#[test]
fn the_statement_is_in_the_url_or_in_the_body() {
    check_work("/", "SELECT 1", Some(statement("SELECT 1")));
    check_work("/?query=SELECT%201", "", Some(statement("SELECT 1")));
    check_work("/?query=SELECT+1", " ", Some(statement("SELECT 1\n ")));
    check_work("/", "", None);
    check_work("/?query=", " \n", None);
}

#[test]
fn rows_of_an_insert_are_kept_apart() {
    let head = InsertHead { sql: "INSERT INTO t".to_owned(), format: "CSV".to_owned() };
    let work = Work::Insert(head, Bytes::from_static(b"1,2\n"));
    check_work("/?query=INSERT+INTO+t+FORMAT+CSV", "1,2\n", Some(work));
    let inline = "INSERT INTO t FORMAT CSV\n1,2\n";
    check_work("/", inline, Some(statement(inline)));
}

#[test]
fn url_fields_go_where_they_belong() {
    let url = "/?query=SELECT+1&database=d&default_format=CSV&param_x=a%26b&max_threads=2&query_id=q\
               &user=u&password=p&compress=1";
    let asked = asked(url, "");
    assert_eq!(asked.database.as_deref(), Some("d"));
    assert_eq!(asked.format, "CSV");
    assert_eq!(asked.params, [("x".to_owned(), "a&b".to_owned())]);
    assert_eq!(asked.settings, [("max_threads".to_owned(), "2".to_owned())]);
    assert_eq!(asked.query_id.as_deref(), Some("q"));
    assert!(asked.compress);
}

#[test]
fn a_setting_name_cannot_carry_sql() {
    assert!(parse_post("/?query=SELECT+1&a%3D1%2Cb=2", "").is_err());
}

#[test]
fn sessions_are_refused_rather_than_pretended() {
    assert!(parse_post("/?query=SELECT+1&session_id=s", "").is_err());
}

#[test]
fn compressed_rows_are_unpacked() {
    let (head, ()) = Request::post("/?query=INSERT+INTO+t+FORMAT+CSV&decompress=1")
        .body(())
        .unwrap()
        .into_parts();
    let asked = parse(&head, framing::pack(b"1\n").into()).unwrap().unwrap();
    let Work::Insert(_, rows) = asked.work else { panic!("an insert") };
    assert_eq!(rows, &b"1\n"[..]);
    assert!(parse(&head, Bytes::from_static(b"1\n")).is_err());
}

#[track_caller]
fn check_multipart(body: &str, expected: Option<&[(&str, &str)]>) {
    let fields = multipart_fields(body.as_bytes(), "B").ok();
    let expected = expected.map(|it| {
        it.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    });
    assert_eq!(fields, expected);
}

#[test]
fn multipart_forms_are_read() {
    let form = "--B\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {x:String}\r\n\
                --B\r\nContent-Disposition: form-data; name=\"param_x\"\r\n\r\na\r\nb\r\n--B--\r\n";
    check_multipart(form, Some(&[("query", "SELECT {x:String}"), ("param_x", "a\r\nb")]));
    check_multipart("--B--\r\n", Some(&[]));
    check_multipart("--B\r\nname=\"q\"\r\n\r\nx", None);
    check_multipart("", None);
}

#[test]
fn a_get_is_read_only() {
    let (head, ()) = Request::get("/?query=SELECT+1").body(()).unwrap().into_parts();
    assert!(parse(&head, Bytes::new()).unwrap().unwrap().read_only);
    assert!(!asked("/", "SELECT 1").read_only);
}

#[test]
fn web_pages_are_refused() {
    for (name, value) in [("origin", "https://example.org"), ("sec-fetch-site", "cross-site")] {
        let request = Request::post("/").header(name, value).body(()).unwrap();
        let (head, ()) = request.into_parts();
        assert_eq!(parse(&head, Bytes::from_static(b"SELECT 1")), Err(Refusal::browser()));
    }
}
