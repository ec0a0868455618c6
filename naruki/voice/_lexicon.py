"""Word lists behind the redaction of names and addresses: data, no rules of the business."""

# The most frequent surnames: they decide whether a run of characters before 様, です or 部長 is a person.
SURNAMES = frozenset(
    """
    佐藤 鈴木 高橋 髙橋 田中 伊藤 渡辺 渡邊 渡邉 渡部 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 斉藤 齋藤 齊藤 清水
    山崎 﨑 山﨑 森 阿部 安部 池田 橋本 石川 山下 小川 石井 長谷川 後藤 岡田 近藤 前田 藤田 遠藤 青木 坂本 村上 太田 大田 金子 藤井 福田
    西村 三浦 竹内 武内 中川 岡本 松田 原田 中野 小野 田村 藤原 中山 石田 小島 和田 森田 内田 柴田 酒井 原 高木 横山 安藤 宮崎 上田
    島田 工藤 大野 宮本 杉山 今井 丸山 増田 髙木 村田 平野 菅原 大塚 千葉 久保 松井 小山 岩崎 桜井 櫻井 木下 野口 松尾 野村 菊地 菊池
    佐野 大西 杉本 新井 浜田 濱田 古川 市川 水野 小松 島 高野 山内 西田 西川 五十嵐 北村 安田 中田 川口 川崎 平田 東 飯田 吉川 本田 久保田
    沢田 澤田 辻 関 吉村 渡瀬 岩田 中西 服部 樋口 福島 川上 永井 松岡 田口 須藤 森本 山中 矢野 小沢 小澤 秋山 広瀬 廣瀬 大島 石原 松下
    大橋 松浦 吉岡 荒木 馬場 浅野 大久保 野田 小池 小田 菅野 福井 松村 川村 河村 高田 荒井 黒田 望月 永田 尾崎 星野 堀 内藤 西山 大谷
    早川 本間 熊谷 平井 大石 岩本 児玉 関口 片山 榎本 菊川 土屋 守屋 古屋 神谷 三宅 横田 奥村 奥田 河野 川野 藤本 天野 石塚 津田 篠原
    桑原 土井 成田 岡崎 三好 小西 柳田 南 北川 谷口 大川 上野 中島 中嶋 小野寺 堀内 宮田 田辺 田邉 須田 相馬 伊東 江口 青山 鎌田 大山
    西尾 今村 藤川 岡村 高山 村井 白石 富田 黒木 武田 竹田 桜庭 水谷 根本 若林 真田 織田 豊田 本多 宮下 宮沢 宮澤 金井 金田 笠原 塚本
    町田 坂口 瀬戸 栗原 栗田 飯塚 星 森下 森川 岸 岸本 梅田 梅原 堀田 堀江 稲垣 稲葉 川田 川島 河合 川合 植田 植木 松永 松原 松川 松山
    長田 長尾 長野 永野 平山 平川 平松 平岡 広田 古田 古賀 田島 田代 田原 滝沢 瀧澤 向井 下田 下村 入江 有馬 岩井 安達 足立 浅井 荒川
    佐久間 日高 比嘉 金城 宮城 大城 新垣 玉城 島袋 鬼頭 門脇 門田 高島 高嶋 高井 高瀬 高松 本橋 本村 本山 柏木 桐生 桐山 榊 榊原 氷室
    水口 甲斐 畑 畑中 石黒 石橋 石渡 秋田 秋元 米田 花田 萩原 落合 西岡 西野 角田 野崎 野中 野上 野沢 金沢 黒川 黒沢 黒澤 北野 大森 大竹
    大場 大沢 大澤 大木 大内 小倉 小泉 小原 小森 小柳 小笠原 勝又 亀井 神田 神崎 神山 吉野 吉本 吉沢 吉澤 八木 三上 三谷 三木 三井
    """.split()
)

# Written before 様 or さん, and no person: kinds of people, places of business, fixed phrases.
NOT_NAMES = frozenset(
    """
    客 お客 御客 皆 仕 同 多 模 有 異 一 神 王 貴 何 各 別 疲 苦労 世話 互 蔭 陰 馳走 気 空 左 両 逆 今 外 姫 殿 奥 娘 息子 旦那 子 父 母 兄 姉 弟 妹 孫
    担当者 担当 責任者 管理者 利用者 使用者 契約者 関係者 開発者 業者 患者 読者 会員 店員 社員 職員 役員 議員 店長 社長 部長 課長 係長 主任 先生
    会社 御社 貴社 弊社 他社 各社 当社 企業 法人 団体 学校 病院 店舗 代理店 顧客 取引先 得意先 営業 経理 総務 人事 情報 開発 広報 運営 事務局 窓口
    大家 本屋 花屋 肉屋 業者 医者 役者 職人 友人 知人 仲間 隣 相手 先方 以下 下記 上記 次 前回 従来 通常 製品 商品 機能 動作 要求 詳細 基本 外部 内部
    担当部署 関係各位 皆々 彼 某 同 両 諸 名 著者 被害者 同僚 上司 部下 先輩 後輩 銀行 保険 不動産 税理士 弁護士 会計士 技術者 支店 本社 彼女 御一同 一同
    ユーザ ユーザー エンドユーザー パートナー メーカー クライアント サポート スタッフ オペレーター カスタマー ベンダー メンバー オーナー エンジニア
    リーダー マネージャー チーム ヘルプデスク サポートチーム ゲスト ドライバー ホスト モニター ショップ コールセンター アドミン キャラ アナウンサー
    """.split()
)
NOT_NAME_ENDINGS = (
    "者",
    "社",
    "店",
    "客",
    "員",
    "部",
    "課",
    "室",
    "局",
    "会",
    "校",
    "院",
    "屋",
    "方",
    "側",
    "係",
    "業",
    "先",
    "士",
    "人",
    "所",
)

# Capitalised after "Hi" or "Regards,", and no person.
NOT_NAMES_EN = frozenset(
    """
    team support sir madam sirs all there everyone everybody customer customers service services help desk helpdesk folks guys friends sales billing
    admin administrator account accounts success staff colleagues manager management agent agents product products development dev engineering
    company the and or of for in at on to a an it is we you i my your our this that please thanks thank regards best kind yours sincerely again
    hello hi hey dear again so much very many advance looking forward sent from get any can could would when what why how no not just
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
    name user users member members community partner partners finance legal security data invoice order ticket issue bug question feature request update
    as if but also still after before since because with without our us they here now today yesterday tomorrow english japanese japan api csv
    """.split()
)
# A contact called like an ordinary word is only found as it is written ("Mark", not "mark as done").
ORDINARY_WORDS_EN = frozenset(
    """
    will mark may grant bill rose joy hope grace summer april june august art rich sky page price case king young long white black brown green gray
    frank faith dawn eve amber ruby crystal jasmine ivy lily daisy holly iris pearl chase hunter drew rob pat sue nick jack bob chip gene dean baker
    cook fisher carter cooper mason miller porter turner walker wood woods stone rivers fields banks bush day love best small little short good power
    star sun moon max ray guy jay bay read ford cross church bell ball wall hall hill lake field marsh cash penny sterling major pilot angel christian
    support help test demo team sales service customer user admin example sample data cloud
    """.split()
)
FIRST_NAMES_EN = frozenset(
    """
    james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald steven paul andrew joshua kenneth
    kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel
    gregory alexander patrick raymond dennis jerry tyler aaron jose adam nathan henry douglas peter kyle zachary walter ethan jeremy harold carl
    keith roger gerald arthur lawrence sean albert jesse austin bruce willie billy joe bryan liam noah oliver lucas mary patricia jennifer linda
    elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol amanda dorothy melissa
    deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra
    rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea
    cheryl hannah jacqueline martha gloria teresa ann sara madison frances kathryn janice jean alice abigail sophia julia judy isabella priya raj
    mohammed ahmed ali omar fatima wei ming chen hiroshi takashi kenji yuki akira haruto sakura yoko keiko naoko satoshi makoto yuko tanaka suzuki sato
    """.split()
)

PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 "
    "静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 "
    "長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()
US_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
).split()
STREETS_EN = (
    "Street St Avenue Ave Road Rd Boulevard Blvd Lane Ln Drive Dr Court Ct Way Place Pl Square Terrace Parkway Highway Close Crescent"
).split()
