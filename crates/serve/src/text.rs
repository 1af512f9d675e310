//! Every sentence of the pages, in both languages. A sentence missing in one does not compile.

macro_rules! texts {
    ($($name:ident: $th:literal, $en:literal;)+) => {
        /// The sentences of one language.
        #[derive(Debug)]
        pub struct Texts {
            $(#[allow(missing_docs, reason = "the text says it")] pub $name: &'static str,)+
        }

        /// Thai.
        pub static TH: Texts = Texts { $($name: $th,)+ };

        /// English.
        pub static EN: Texts = Texts { $($name: $en,)+ };
    };
}

texts! {
    // The frame of every page.
    site: "สะพานข้อมูลสุขภาพ", "Saphan health data bridge";
    skip: "ข้ามไปยังเนื้อหา", "Skip to content";
    menu: "เมนู", "Menu";
    other_language: "English", "ภาษาไทย";
    you_are_here: "ตำแหน่งหน้านี้", "You are here";
    fiscal_year: "ปีงบประมาณ", "Fiscal year";
    fiscal_year_note: "ตุลาคมถึงกันยายน", "October to September";
    as_of: "ข้อมูล ณ", "As of";
    synthetic: "ตัวเลขน้อยกว่า 5 แสดงเป็น <5 เพื่อไม่ให้ระบุตัวบุคคลได้", "Counts below 5 are shown as <5, so that nobody can be recognised";
    csv: "ดาวน์โหลด CSV", "Download CSV";
    hidden_note: "<5 คือ 1 ถึง 4 ราย เครื่องหมาย * คือตัวเลขที่ซ่อนไว้เพื่อไม่ให้คำนวณตัวเลขน้อยย้อนกลับได้", "<5 means 1 to 4. * is hidden, so that a small figure cannot be worked out from the others.";
    scroll_note: "ตารางเลื่อนได้", "The table scrolls";
    total: "รวม", "Total";
    none_yet: "ยังไม่มีข้อมูล", "No data yet";
    date_unknown: "ไม่เคยส่ง", "never";

    // Start page.
    home_title: "หน้าแรก", "Start";
    home_intro: "ข้อมูลจากหน่วยบริการไหลผ่านสะพานนี้ไปยังหน่วยงานที่มีสิทธิ์ หน้านี้แสดงเฉพาะตัวเลขรวม ไม่มีข้อมูลส่วนบุคคล", "What facilities report flows over this bridge to the agencies entitled to it. These pages show sums only, no personal data.";
    home_regions: "จำนวนครั้งบริการ โรคที่พบบ่อย การส่งต่อ และความครบถ้วนของรายงาน ตามเขตสุขภาพ จังหวัด และหน่วยบริการ", "Visits, frequent diagnoses, referrals and completeness of reporting, by health region, province and facility";
    home_conservation: "ทุกรายการที่รับเข้ามาต้องลงท้ายทางใดทางหนึ่งเพียงทางเดียว ดูว่าสมการเป็นจริงหรือไม่", "Everything received must end in exactly one way. See whether the sums agree";
    home_agencies: "แต่ละหน่วยงานได้รับอะไรไปเท่าใด และถูกระงับเท่าใด", "How much each agency received, and how much was withheld";
    home_quarantine: "รายการที่รับไม่ได้ อยู่ที่ไฟล์และบรรทัดใด และแก้อย่างไร", "What could not be accepted, in which file and line, and how to mend it";

    // Places.
    regions_title: "เขตสุขภาพ", "Health regions";
    country: "ทั้งประเทศ", "Whole country";
    region: "เขตสุขภาพที่", "Health region";
    region_short: "เขต", "Region";
    province: "จังหวัด", "Province";
    district: "อำเภอ", "District";
    facility: "หน่วยบริการ", "Facility";
    unknown_place: "ไม่ทราบ", "Unknown";
    facilities: "หน่วยบริการ", "Facilities";

    // Visits.
    visits_title: "จำนวนครั้งบริการรายเดือน", "Visits by month";
    visits_intro: "ผู้ป่วยนอก (ครั้ง) และผู้ป่วยใน (ราย) นับตามวันที่เริ่มรับบริการ", "Out-patient visits and in-patient stays, by the day they began";
    class: "ประเภท", "Kind";
    ambulatory: "ผู้ป่วยนอก", "Out-patient";
    inpatient: "ผู้ป่วยใน", "In-patient";
    chart_hidden: "ไม่แสดง", "not shown";

    // Diagnoses.
    diagnoses_title: "โรคที่พบบ่อย", "Most frequent diagnoses";
    diagnoses_intro: "การวินิจฉัยหลัก รหัส ICD-10 สามหลัก", "Principal diagnosis, three characters of ICD-10";
    diagnosis: "รหัสและชื่อโรค", "Code and name";
    other_codes: "รหัสอื่นทั้งหมด", "All other codes";

    // Referrals.
    referrals_title: "การส่งต่อระหว่างเขต", "Referrals between regions";
    referrals_out: "ส่งต่อออก", "Referred out";
    referrals_in: "รับส่งต่อเข้า", "Referred in";
    referrals_out_intro: "แถวคือผู้ส่ง คอลัมน์คือเขตสุขภาพปลายทาง", "Rows send, columns are the region addressed";
    referrals_in_intro: "แถวคือผู้รับ คอลัมน์คือเขตสุขภาพต้นทาง", "Rows receive, columns are the sending region";
    referrals_note: "ไม่นับการส่งกลับและการตอบกลับ", "Patients sent back and replies are not counted";
    number_of_referrals: "จำนวนการส่งต่อ", "Referrals";

    // Completeness.
    completeness_title: "ความครบถ้วนของรายงาน", "Completeness of reporting";
    completeness_intro: "เดือนที่ต้องรายงานแล้วในปีงบประมาณนี้", "Months of this fiscal year that are over and must have been reported";
    registered: "หน่วยบริการในทะเบียน", "Registered facilities";
    reporting: "รายงานอย่างน้อยหนึ่งเดือน", "Reported at least one month";
    complete: "รายงานครบทุกเดือน", "Reported every month";
    share_complete: "ร้อยละที่ครบ", "Complete, per cent";
    months_reported: "เดือนที่รายงาน", "Months reported";
    last_report: "ส่งล่าสุด", "Last report";
    reported: "มี", "yes";
    missing: "ขาด", "missing";

    // Conservation.
    conservation_title: "สมดุลของข้อมูล", "Conservation";
    conservation_intro: "ทุกรายการที่รับเข้ามาต้องลงท้ายทางใดทางหนึ่งเพียงทางเดียว ตัวเลขในหน้านี้นับรายการ ไม่ใช่บุคคล", "Everything received ends in exactly one way. The figures of this page count records, not people.";
    refresh_on: "หน้านี้ปรับปรุงเองทุก 5 วินาที", "This page refreshes itself every 5 seconds";
    refresh_stop: "หยุดปรับปรุงเอง", "Stop refreshing";
    refresh_start: "ปรับปรุงเองทุก 5 วินาที", "Refresh every 5 seconds";
    admission_law: "รับเข้า", "Admission";
    received: "รับเข้าทั้งหมด", "Received";
    admitted: "ยอมรับ", "Admitted";
    unchanged: "ไม่มีอะไรใหม่", "Unchanged";
    quarantined: "กักไว้", "Quarantined";
    in_flight: "กำลังดำเนินการ", "In flight";
    routing_law: "การตัดสินว่าจะส่งให้ใคร", "Decisions";
    appended: "เขียนลงบันทึกผู้ป่วย", "Appended to the patient log";
    decided: "ตัดสินแล้ว", "Decided";
    on_the_way: "ระหว่างทาง", "On the way";
    route_behind: "รายการในบันทึกผู้ป่วยที่ยังไม่ได้ตัดสิน ไม่เกิน", "Records of the patient log not decided yet, at most";
    delivery_law: "การส่งมอบ", "Delivery";
    candidates: "ผู้มีสิทธิ์พิจารณา", "Candidates";
    delivered: "ส่งแล้ว", "Delivered";
    withheld: "ระงับ", "Withheld";
    retracted: "เรียกคืน", "Retracted";
    retracted_note: "เรียกคืนคือแจ้งหน่วยงานที่เคยได้รับให้ถอนข้อมูล ไม่นับในสมการ", "A retraction tells an agency to take back what it holds; it is not part of the sum";
    quarantine_law: "การกัก", "Quarantine";
    quarantine_listed: "อยู่ในรายการกัก", "Listed in quarantine";
    holds: "เป็นจริง", "holds";
    differs: "ต่างกัน", "differs by";
    settling: "ยังเคลื่อนไหวอยู่ ต่างกัน", "still moving, differs by";
    not_known: "ไม่ทราบ", "not known";
    no_live: "ขณะนี้ถามตำแหน่งล่าสุดจาก Kafka ไม่ได้ จึงตรวจเฉพาะสมุดบัญชี", "Kafka cannot be asked for its positions now, so only the ledger is checked";
    partitions_title: "ตามพาร์ทิชัน", "By partition";
    partition: "พาร์ทิชัน", "Partition";
    ledger_from: "บัญชีเริ่มที่", "Ledger from";
    ledger_to: "บัญชีถึง", "Ledger to";
    log_end: "ปลายบันทึก", "End of log";
    accounted: "ลงบัญชีแล้ว", "Accounted for";
    agrees: "สมการ", "Agrees";
    gaps_title: "ช่วงที่ขาดหรือซ้อน", "Holes and overlaps";
    gap_from: "ควรเริ่มที่", "Should begin at";
    gap_to: "แต่เริ่มที่", "Begins at";
    no_gaps: "บัญชีต่อเนื่องทุกพาร์ทิชัน", "The ledger is contiguous in every partition";
    withheld_by_reason: "ระงับตามเหตุผล", "Withheld, by reason";
    reason: "เหตุผล", "Reason";
    meaning: "ความหมาย", "Meaning";
    quarantine_by_code: "กักตามรหัส", "Quarantined, by code";
    count: "จำนวน", "Count";

    // Agencies.
    agencies_title: "หน่วยงานผู้รับ", "Agencies";
    agencies_intro: "นับรายการ ไม่ใช่บุคคล และไม่แยกตามสถานที่", "Counts records, not people, and not by place";
    agency: "หน่วยงาน", "Agency";
    event_type: "ชนิดข้อมูล", "Type";
    by_basis: "ส่งตามฐานทางกฎหมาย", "Delivered, by legal basis";
    basis: "ฐานทางกฎหมาย", "Legal basis";

    // Quarantine.
    quarantine_title: "รายการที่กักไว้", "Quarantine";
    quarantine_intro: "แก้ที่ต้นทางตามคำแนะนำ แล้วส่งไฟล์เดิมอีกครั้ง รายการที่ส่งแล้วจะไม่นับซ้ำ", "Mend it at the source as told, then send the same file again: what was accepted is not counted twice";
    quarantine_newest: "แสดงรายการล่าสุดไม่เกิน", "Newest first, at most";
    quarantine_none: "ไม่มีรายการกัก", "Nothing is in quarantine";
    code: "รหัส", "Code";
    document: "เอกสาร", "Document";
    file: "ไฟล์", "File";
    line: "บรรทัด", "Line";
    column: "คอลัมน์", "Column";
    remedy: "วิธีแก้", "What to do";
    arrived: "มาถึงเมื่อ", "Arrived";
    unread_facility: "อ่านรหัสหน่วยบริการไม่ได้", "Facility could not be read";

    // Errors.
    error_title: "แสดงหน้านี้ไม่ได้", "This page cannot be shown";
    error_down: "ขณะนี้ฐานข้อมูลสถิติไม่ตอบ ข้อมูลที่รับเข้ามายังอยู่ครบ ลองใหม่ในอีกสักครู่", "The statistics database does not answer at the moment. Nothing that was received is lost. Try again in a moment.";
    error_fault: "ฐานข้อมูลสถิติตอบในรูปที่โปรแกรมนี้ไม่รู้จัก แจ้งผู้ดูแลระบบพร้อมรหัสนี้", "The statistics database answered in a way this version does not know. Tell the operator this code.";
    error_missing: "ไม่มีหน้านี้ หรือไม่มีสถานที่นี้ในทะเบียน", "There is no such page, or no such place in the register.";
    error_question: "ที่อยู่ของหน้านี้มีค่าที่ไม่รู้จัก ใช้ lang=th หรือ lang=en ปีงบประมาณเป็นตัวเลขสี่หลัก และชื่อตารางจากลิงก์ดาวน์โหลด", "The address holds a value that is not known. Use lang=th or lang=en, a fiscal year of four digits, and a table named by a download link.";
    error_busy: "มีผู้ขอดูพร้อมกันมากเกินไป ลองใหม่ในอีกสักครู่", "Too many pages are asked for at once. Try again in a moment.";
    error_code: "รหัส", "Code";
    back_home: "กลับหน้าแรก", "Back to the start";
}
